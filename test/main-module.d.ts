// For `exports.default` of `cloudflare:workers` in tests: which module the Worker is.
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../src/index.ts");
  }
}
