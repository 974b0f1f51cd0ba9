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
  return [...text.normalize("NFKC")].map((letter) => SKELETON.get(letter) ?? letter).join("");
}
