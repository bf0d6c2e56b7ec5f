// The page around the two functions of seed_client.js: what a browser would give them, and what they show.
// node seed_page.mjs CODE URL TOKEN FILE as-data-url|as-base64   prints one JSON line per thing shown.
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const [code, url, token, path, encoding] = process.argv.slice(2);
const say = (shown) => console.log(JSON.stringify(shown));

const page = {
  token,
  fetch: async (address, options) => {
    const response = await fetch(new URL(address, url), options);
    say({ status: response.status, address });
    return response;
  },
  fileToBase64: async (file) => {
    const base64 = Buffer.from(await file.arrayBuffer()).toString("base64");
    return encoding === "as-data-url" ? `data:${file.type};base64,${base64}` : base64;
  },
  showProgress: (message, percent) => say({ progress: message, percent }),
  showToast: (message, kind) => say({ toast: message, kind: kind ?? "success" }),
  refreshDocuments: () => say({ refreshed: true }),
};

const functions = readFileSync(code, "utf8");
const uploadFile = new Function(...Object.keys(page), `${functions}\nreturn uploadFile;`)(...Object.values(page));
await uploadFile(new File([readFileSync(path)], basename(path), { type: "text/markdown" }));
