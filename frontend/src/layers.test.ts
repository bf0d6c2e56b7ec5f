import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const src = import.meta.dirname;
const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(tsx?|css)$/.test(entry.name) && entry.name !== "schema.d.ts")
  .map((entry) => relative(src, join(entry.parentPath, entry.name)));

const imports = (file: string): string[] =>
  [...readFileSync(join(src, file), "utf8").matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)].map((match) => match[1] ?? "");

const feature = (path: string): string | undefined => /features\/([^/]+)/.exec(path)?.[1];

describe("the house", () => {
  test("features do not import each other; pages put them together", () => {
    const wrong = files.flatMap((file) => imports(file).filter((to) => feature(file) && feature(to) && feature(file) !== feature(to)).map((to) => `${file} → ${to}`));
    expect(wrong).toEqual([]);
  });

  test("what features share knows no feature and no page", () => {
    const shared = files.filter((file) => /^(lib|client|components)\//.test(file));
    const wrong = shared.flatMap((file) => imports(file).filter((to) => /^@\/(features|app)\//.test(to)).map((to) => `${file} → ${to}`));
    expect(wrong).toEqual([]);
    expect(shared.length).toBeGreaterThan(10);
  });

  test("features know no page", () => {
    const wrong = files.filter((file) => feature(file) && imports(file).some((to) => to.startsWith("@/app/")));
    expect(wrong).toEqual([]);
  });

  test("no file is longer than 220 lines", () => {
    const long = files.filter((file) => readFileSync(join(src, file), "utf8").split("\n").length > 220);
    expect(long).toEqual([]);
  });

  test("no component sets HTML from text", () => {
    expect(files.filter((file) => file !== "layers.test.ts" && /dangerouslySetInnerHTML|innerHTML/.test(readFileSync(join(src, file), "utf8")))).toEqual([]);
  });
});
