// Types `exports.default` of `cloudflare:workers` in tests: the Worker's main module.
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../src/index.ts");
  }
}
