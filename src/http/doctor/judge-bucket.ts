// The checks of the bucket: names of files, records, timestamps, ParentRayID, and markers of a live worker. Does no
// I/O.
import { LIVE_SIZES } from "../../contract/live.ts";
import type { DeploymentFinding } from "./checks.ts";
import type { BucketFacts, SampledFile } from "./facts.ts";
import type { TimestampForm } from "./timestamp-form.ts";

/** How far the upload time of an R2 object may lie in the future, by the Worker's clock. Usually the clocks of R2
 * and the Worker differ by less than a second. */
const CLOCK_SLACK_MS = 60_000;
/** From this share on, records far from the time in their file's name are reported. A smaller share may be an
 * accident. */
const FAR_SHARE = 0.5;
const MAX_SIZES_SHOWN = 10;

export function judgeBucket(bucket: BucketFacts, now: number): DeploymentFinding[] {
  return [
    bucket.listFailed === null
      ? { check: "bucket", outcome: "readable", detail: "the bucket was listed" }
      : { check: "bucket", outcome: "unreadable", detail: bucket.listFailed },
    ...(bucket.listFailed === null ? [judgeLogs(bucket)] : []),
    judgeClock(bucket, now),
    ...judgeSamples(bucket.samples),
    judgeMarkers(bucket),
    judgeSize(bucket),
  ];
}

function judgeLogs({ logPrefix, keys, unnamed, unnamedCount }: BucketFacts): DeploymentFinding {
  const check = "logs" as const;
  if (keys === 0) return { check, outcome: "empty", detail: `no object below "${logPrefix}"` };
  const named = keys - unnamedCount;
  const examples = unnamed.length > 0 ? `, such as ${unnamed.join(", ")}` : "";
  if (named === 0)
    return { check, outcome: "unnamed", detail: `none of ${keys} names states a time${examples}` };
  const detail = `${named} of ${keys} listed names state a time`;
  if (unnamedCount > 0)
    return { check, outcome: "some_unnamed", detail: `not ${unnamedCount} of ${keys}${examples}` };
  return { check, outcome: "found", detail };
}

function judgeClock({ newestUploadedAt }: BucketFacts, now: number): DeploymentFinding {
  const check = "bucket_clock" as const;
  if (newestUploadedAt === null) return { check, outcome: "unknown", detail: "no object was listed" };
  const aheadMs = newestUploadedAt - now;
  if (aheadMs <= CLOCK_SLACK_MS) return { check, outcome: "agrees", detail: "no listed object is newer" };
  const seconds = Math.round(aheadMs / 1_000);
  return { check, outcome: "behind", detail: `an object was uploaded ${seconds} s in the future` };
}

function judgeSamples(samples: readonly SampledFile[]): DeploymentFinding[] {
  const read = samples.filter(({ records }) => records > 0);
  const records = sum(read, (file) => file.records);
  if (records === 0) {
    const reasons = [...new Set(samples.map(({ unread }) => unread ?? "it contains no record"))];
    const detail =
      samples.length === 0
        ? "no file was read"
        : `no record in ${samples.length} files: ${reasons.join("; ")}`;
    return [
      { check: "records", outcome: samples.length === 0 ? "not_looked_at" : "unreadable", detail },
      { check: "timestamps", outcome: "not_looked_at", detail: "no record was read" },
      { check: "parent_ray_id", outcome: "not_looked_at", detail: "no record was read" },
    ];
  }
  const malformed = sum(samples, (file) => file.malformed);
  const unread = samples.filter(({ unread: why }) => why !== null);
  const isClean = malformed === 0 && unread.length === 0;
  const problems = [
    ...(malformed > 0 ? [`${malformed} lines are malformed`] : []),
    ...unread.map(({ key, unread: why }) => `${key}: ${why}`),
  ];
  return [
    {
      check: "records",
      outcome: isClean ? "readable" : "some_malformed",
      detail: [`${records} records of ${read.length} files were read`, ...problems].join("; "),
    },
    judgeTimestamps(read, records),
    judgeParents(read, records),
  ];
}

function judgeTimestamps(read: readonly SampledFile[], records: number): DeploymentFinding {
  const check = "timestamps" as const;
  const forms = new Map<TimestampForm, number>();
  for (const file of read) {
    for (const [form, count] of Object.entries(file.forms) as [TimestampForm, number][])
      forms.set(form, (forms.get(form) ?? 0) + count);
  }
  const unreadable = forms.get("unreadable") ?? 0;
  if (unreadable === records)
    return { check, outcome: "unreadable", detail: `in none of ${records} records` };
  const named = [...forms].map(([form, count]) => `${form} ${count}`).join(", ");
  if (forms.size > 1) return { check, outcome: "several_forms", detail: named };
  const far = sum(read, (file) => file.farRecords);
  if (far > FAR_SHARE * records)
    return { check, outcome: "far_from_names", detail: `${far} of ${records} are more than a day away` };
  return { check, outcome: "one_form", detail: named };
}

function judgeParents(read: readonly SampledFile[], records: number): DeploymentFinding {
  const check = "parent_ray_id" as const;
  const usual = sum(read, ({ parents }) => parents.usual);
  const absent = sum(read, ({ parents }) => parents.absent);
  if (usual > 0) return { check, outcome: "usual", detail: `"00" in ${usual} of ${records} records` };
  const zeros = [...new Set(read.flatMap(({ parents }) => Object.keys(parents.zeros)))];
  if (zeros.length > 0) {
    const value = JSON.stringify(zeros);
    return { check, outcome: "other_zeros", detail: `no record has "00"; the value is ${value}` };
  }
  if (absent > 0)
    return { check, outcome: "absent", detail: `absent or empty in ${absent} of ${records} records` };
  return { check, outcome: "none_top_level", detail: `each of ${records} records names a parent` };
}

function judgeMarkers({ hasMarkers, livePrefix }: BucketFacts): DeploymentFinding {
  const check = "live_markers" as const;
  if (hasMarkers === null) return { check, outcome: "unreadable", detail: `"${livePrefix}" was not listed` };
  return hasMarkers
    ? { check, outcome: "seen", detail: `markers below "${livePrefix}"` }
    : { check, outcome: "none", detail: `no marker below "${livePrefix}"` };
}

/** A file with n records has markers with indexes up to ceil(n / size) - 1. A larger index shows that the size is
 * wrong. */
function judgeSize({ samples, liveBatchSize: size }: BucketFacts): DeploymentFinding {
  const check = "live_batch_size" as const;
  const evidence = samples.flatMap(({ liveRecords, maxMarker }) =>
    liveRecords === null || maxMarker === null ? [] : [{ records: liveRecords, maxMarker }],
  );
  if (samples.every(({ maxMarker }) => maxMarker === null))
    return { check, outcome: "no_markers", detail: "none of the files that were read has a marker" };
  const contradicts = (one: number) =>
    evidence.some((file) => file.maxMarker >= Math.ceil(file.records / one));
  const fits = (one: number) =>
    evidence.length > 0 && evidence.every((file) => file.maxMarker + 1 === Math.ceil(file.records / one));
  const { min, max, step } = LIVE_SIZES;
  const all = Array.from({ length: (max - min) / step + 1 }, (_, n) => min + n * step);
  const fitting = all.filter(fits);
  const shown = fitting.slice(0, MAX_SIZES_SHOWN).join(", ");
  const more = fitting.length > MAX_SIZES_SHOWN ? ` and ${fitting.length - MAX_SIZES_SHOWN} more` : "";
  const named = fitting.length === 0 ? "no size fits all files" : `sizes that fit: ${shown}${more}`;
  if (size === null) return { check, outcome: "unset", detail: `LIVE_BATCH_SIZE is not set; ${named}` };
  if (contradicts(size)) return { check, outcome: "contradicted", detail: `${size} is too large; ${named}` };
  if (!fits(size)) return { check, outcome: "unproven", detail: `${size} does not fit every file; ${named}` };
  return { check, outcome: "fits", detail: `${size} fits ${evidence.length} files` };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
