import { defineConfig } from "vitest/config";

// TensorBoard imports one file of a fixed name and calls its render(); everything else
// must find its place from that file, wherever --path_prefix puts it.
export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    outDir: "../tb_explain_plugin/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    license: { fileName: "third_party_licenses.md" },
    rolldownOptions: {
      input: { index: "src/index.ts" },
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name]-[hash].js",
        // What several views share comes with the first of them; each view is one file more.
        codeSplitting: { groups: [{ name: "shared", minShareCount: 2, test: /src|node_modules/ }] },
      },
    },
  },
  test: { include: ["test/**/*.test.ts"], environment: "happy-dom" },
});
