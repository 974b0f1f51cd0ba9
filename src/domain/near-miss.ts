import { ACCESS_AS_CLIENT } from "./application.ts";

/** How a value differs from the scope's name. */
export type NearMissReason = "letter_case" | "whitespace" | "look_alike" | "app_role";

/** A scope or app role whose value is almost `access_as_client`. */
export interface NearMiss {
  readonly value: string;
  readonly reason: NearMissReason;
}

// Characters that look like a letter of access_as_client: from other scripts, digits, dashes. Without accents, which are
// removed first, and in NFKD form, which turns the lunate sigma into ς.
const LOOK_ALIKES: readonly (readonly [letter: string, passesForIt: string])[] = [
  ["a", "аɑα"],
  ["c", "сς"],
  ["e", "еҽε"],
  ["s", "ѕʂꜱ5$"],
  ["i", "іıιlӏǀ1|"],
  ["n", "ոпη"],
  ["t", "тτ"],
  ["_", "-‐‒–—−.‿"],
];
const SKELETON = new Map(
  LOOK_ALIKES.flatMap(([letter, others]) => [...others].map((other) => [other, letter])),
);
// White space, what Unicode says to ignore, and the blank Braille pattern.
const INVISIBLE = /[\s\p{Default_Ignorable_Code_Point}\u2800]/gu;

// Limits the size of the response, no matter what Graph returns. Entra ID limits a value to 120 characters.
const MAX_NEAR_MISSES = 100;
const MAX_VALUE_LENGTH = 256;

/**
 * Finds near misses among an application's scopes and app roles. An app role counts even with the exact name.
 */
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

/** How `value` differs from `access_as_client`; `undefined` if it is equal or not similar. */
export function nearMissOf(value: string): Exclude<NearMissReason, "app_role"> | undefined {
  if (value === ACCESS_AS_CLIENT) return undefined;
  if (value.toLowerCase() === ACCESS_AS_CLIENT) return "letter_case";
  const visible = value.replaceAll(INVISIBLE, "");
  const hasInvisible = visible.length !== value.length;
  // A space in place of the underscore also counts as white space.
  if (hasInvisible && visible.replaceAll("_", "").toLowerCase() === ACCESS_AS_CLIENT.replaceAll("_", ""))
    return "whitespace";
  return skeletonOf(visible) === skeletonOf(ACCESS_AS_CLIENT) ? "look_alike" : undefined;
}

function skeletonOf(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{Mark}/gu, "")
    .replaceAll(/./gu, (letter) => SKELETON.get(letter) ?? letter);
}
