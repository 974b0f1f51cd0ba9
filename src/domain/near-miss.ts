import { ACCESS_AS_CLIENT } from "./application.ts";

/** Why a value is not the scope's, though someone may have meant it to be. */
export type NearMissReason = "letter_case" | "whitespace" | "look_alike" | "app_role";

/** Something on an app registration that is nearly the scope `access_as_client`. */
export interface NearMiss {
  readonly value: string;
  readonly reason: NearMissReason;
}

// What passes for a letter of access_as_client at a glance: of other scripts, with accents, digits, dashes.
const LOOK_ALIKES: readonly (readonly [letter: string, passesForIt: string])[] = [
  ["a", "аɑαäáàâåã"],
  ["c", "сϲçćč"],
  ["e", "еҽéèêëε"],
  ["s", "ѕʂśš5$"],
  ["i", "іıίιíìîïlӏⅼ1|"],
  ["n", "ոпηñń"],
  ["t", "тτ"],
  ["_", "-‐‑‒–—−.‿"],
];
const SKELETON = new Map(
  LOOK_ALIKES.flatMap(([letter, others]) => [...others].map((other) => [other, letter])),
);
// White space of every kind, and what has no width at all.
const INVISIBLE = /[\s\u00ad\u180e\u200b-\u200f\u2060\ufeff]/gu;

// Somebody's slips are a few, and Entra ID takes 120 characters for a value: whatever an answer of Graph holds, what is
// named of it stays short.
const MAX_NEAR_MISSES = 100;
const MAX_VALUE_LENGTH = 256;

/** What is nearly the scope among an application's scopes, and its app roles of that name or nearly. */
export function nearMissesOf(
  scopes: readonly Record<string, unknown>[],
  appRoles: readonly Record<string, unknown>[],
): NearMiss[] {
  const misses: NearMiss[] = [];
  for (const { value } of scopes) {
    const reason = typeof value === "string" ? nearMissOf(value) : undefined;
    if (reason !== undefined) misses.push({ value: shortened(value as string), reason });
  }
  for (const { value } of appRoles) {
    if (typeof value !== "string" || (value !== ACCESS_AS_CLIENT && nearMissOf(value) === undefined))
      continue;
    misses.push({ value: shortened(value), reason: "app_role" });
  }
  return misses.slice(0, MAX_NEAR_MISSES);
}

function shortened(value: string): string {
  return value.length <= MAX_VALUE_LENGTH ? value : `${value.slice(0, MAX_VALUE_LENGTH - 1)}…`;
}

/** Tells whether `value` is nearly `access_as_client`, and by what it differs; `undefined` if it is it, or far from it. */
export function nearMissOf(value: string): Exclude<NearMissReason, "app_role"> | undefined {
  if (value === ACCESS_AS_CLIENT) return undefined;
  if (value.toLowerCase() === ACCESS_AS_CLIENT) return "letter_case";
  const visible = value.replaceAll(INVISIBLE, "").toLowerCase();
  const hasInvisible = visible.length !== value.length;
  // A space in place of the underscore is white space too.
  if (hasInvisible && [ACCESS_AS_CLIENT, ACCESS_AS_CLIENT.replaceAll("_", "")].includes(visible)) {
    return "whitespace";
  }
  return skeletonOf(visible) === skeletonOf(ACCESS_AS_CLIENT) ? "look_alike" : undefined;
}

function skeletonOf(text: string): string {
  return text.normalize("NFKC").replaceAll(/./gu, (letter) => SKELETON.get(letter) ?? letter);
}
