import type { HttpRequest } from "@azure/functions";
import { invalidRequest } from "./json-body.ts";
import { Problem } from "./problem.ts";

/** A query parameter: a whole number in a range, or text. */
export type QueryParameter =
  | {
      readonly description: string;
      readonly minValue: number;
      readonly maxValue: number;
      readonly defaultValue: number;
    }
  | { readonly description: string };

/** An endpoint's query parameters by name. */
export type QueryParameters = Readonly<Record<string, QueryParameter>>;

/** The parsed values. A text that was not given is `""`. */
export type QueryValues<Q extends QueryParameters> = {
  readonly [Name in keyof Q]: Q[Name] extends { readonly minValue: number } ? number : string;
};

/**
 * Reads the query. Returns a problem for the first parameter that is invalid or repeated: which of two values
 * counts would be a guess.
 */
export function readQuery<Q extends QueryParameters>(
  request: HttpRequest,
  parameters: Q,
): QueryValues<Q> | Problem {
  const values: Record<string, number | string> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    // The Functions host joins repeated values and drops empty ones. Only the URL has them all.
    const given = new URL(request.url).searchParams.getAll(name);
    if (given.length > 1) return invalidRequest(`${name} must not be repeated.`);
    const value = "minValue" in parameter ? wholeNumber(name, given[0], parameter) : (given[0] ?? "");
    if (value instanceof Problem) return value;
    values[name] = value;
  }
  return values as QueryValues<Q>;
}

function wholeNumber(
  name: string,
  given: string | undefined,
  { minValue, maxValue, defaultValue }: Extract<QueryParameter, { minValue: number }>,
): number | Problem {
  if (given === undefined) return defaultValue;
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= minValue && value <= maxValue) return value;
  return invalidRequest(`${name} must be a whole number from ${minValue} to ${maxValue}.`);
}
