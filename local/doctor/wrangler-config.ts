// Reads wrangler.toml with wrangler's own code, so that the doctor and the deployment read the file in the same way.
import { unstable_readConfig } from "wrangler";

/** The members that the doctor checks, by wrangler's names. */
export interface WranglerConfig {
  main?: string | undefined;
  compatibility_date?: string | undefined;
  compatibility_flags?: readonly string[] | undefined;
  preview_urls?: boolean | undefined;
  workers_dev?: boolean | undefined;
  r2_buckets?: readonly { binding: string; bucket_name?: string | undefined }[] | undefined;
  durable_objects?: { bindings: readonly { name: string; class_name: string }[] } | undefined;
  queues?:
    | {
        producers?: readonly { binding: string; queue: string }[] | undefined;
        consumers?:
          | readonly {
              queue: string;
              max_batch_size?: number | undefined;
              max_retries?: number | undefined;
              dead_letter_queue?: string | undefined;
            }[]
          | undefined;
      }
    | undefined;
  migrations?: readonly { tag: string; new_sqlite_classes?: readonly string[] | undefined }[] | undefined;
  assets?:
    | {
        directory?: string | undefined;
        binding?: string | undefined;
        not_found_handling?: string | undefined;
        run_worker_first?: boolean | readonly string[] | undefined;
      }
    | undefined;
  limits?: { cpu_ms?: number | undefined } | undefined;
  vars?: Readonly<Record<string, unknown>> | undefined;
}

/** @throws Error whose message contains the faulty place in the file. */
export function readWranglerConfig(path: string): WranglerConfig {
  const config = unstable_readConfig({ config: path }, { hideWarnings: true });
  return config as WranglerConfig;
}
