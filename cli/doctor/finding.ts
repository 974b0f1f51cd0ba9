import type { Mark } from "../terminal.ts";

/** The result of one check of a deployment. */
export interface Finding {
  readonly name: string;
  /** `unknown` if the check gave no clear result; `skipped` if it was not run. */
  readonly outcome: Exclude<Mark, "warning">;
  /** What the check found. */
  readonly found: string;
  /** What to do; `null` if nothing. */
  readonly advice: string | null;
}

/** Creates findings with one name. */
export function findingsFor(name: string) {
  const finding =
    (outcome: Finding["outcome"]) =>
    (found: string, advice: string | null = null) =>
      ({ name, outcome, found, advice }) satisfies Finding;
  return {
    good: finding("good"),
    bad: finding("bad"),
    unknown: finding("unknown"),
    skipped: finding("skipped"),
  };
}
