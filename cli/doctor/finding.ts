/** One thing that the doctor looked at. */
export interface Finding {
  readonly name: string;
  /** `skipped` was not asked for, or had nothing to ask; `unknown` was, and cannot be told. */
  readonly outcome: "good" | "bad" | "unknown" | "skipped";
  /** What is there. */
  readonly found: string;
  /** What to do; `null` where there is nothing. */
  readonly advice: string | null;
}

/** Makes findings of one name. */
export function findingsOf(name: string) {
  const of =
    (outcome: Finding["outcome"]) =>
    (found: string, advice: string | null = null) =>
      ({ name, outcome, found, advice }) satisfies Finding;
  return { good: of("good"), bad: of("bad"), unknown: of("unknown"), skipped: of("skipped") };
}
