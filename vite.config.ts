import { defineConfig } from "vite";

// The page: `src/client/page/` becomes `dist/page/`, which the server hands out as static files.
export default defineConfig({
  root: "src/client/page",
  base: "./",
  worker: { format: "es" },
  build: {
    rollupOptions: { input: ["src/client/page/index.html", "src/client/page/login.html"] },
    outDir: "../../../dist/page",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: true,
  },
});
