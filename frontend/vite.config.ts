import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.SYNCBOARD_URL ?? "http://127.0.0.1:8000";
const roots = [
  "/setup", "/users", "/token", "/api-keys", "/invitations", "/upload_file", "/upload_text", "/upload_image", "/upload_url", "/upload_batch", "/upload_batch_urls", "/uploads", "/batches", "/jobs", "/events",
  "/documents", "/trash", "/clusters", "/concepts", "/search", "/embedding-models", "/saved-searches", "/highlights", "/notes", "/tags", "/duplicates", "/analytics", "/healthz", "/readyz", "/admin",
];

export default defineConfig({
  base: "/app/",
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  server: { proxy: Object.fromEntries(roots.map((root) => [root, server])) },
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0, reportCompressedSize: false },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
