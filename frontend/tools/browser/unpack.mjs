// Unpacks the packaged Chromium: node unpack.mjs FOLDER. Brotli only; the tar files are left to the caller.
import { createReadStream, createWriteStream, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

const target = process.argv[2];
const source = join(dirname(fileURLToPath(import.meta.url)), "node_modules/@sparticuz/chromium/bin");
mkdirSync(target, { recursive: true });
for (const name of readdirSync(source).filter((one) => one.endsWith(".br"))) {
  const to = createWriteStream(join(target, name.slice(0, -3)), { mode: 0o755 });
  await pipeline(createReadStream(join(source, name)), createBrotliDecompress(), to);
}
