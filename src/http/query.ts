import type { HttpRequest } from "@azure/functions";
import { invalidRequest } from "./json-body.ts";
import { Problem } from "./problem.ts";

/** A parameter in the query: a whole number with bounds, or text. */
export type QueryParameter =
  | {
      readonly description: string;
      readonly minValue: number;
      readonly maxValue: number;
      readonly defaultValue: number;
    }
  | { readonly description: string };

/** The parameters that an endpoint takes, by their names. */
export type QueryParameters = Readonly<Record<string, QueryParameter>>;

/** What a handler gets: a number, or text that is `""` where it was not given. */
export type QueryValues<Q extends QueryParameters> = {
  readonly [Name in keyof Q]: Q[Name] extends { readonly minValue: number } ? number : string;
};

/** Reads the query; a problem for the first parameter that is wrong or given twice: which one counts would be a guess. */
export function readQuery<Q extends QueryParameters>(
  request: HttpRequest,
  parameters: Q,
): QueryValues<Q> | Problem {
  const values: Record<string, number | string> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    // The Functions host joins the values of a repeated parameter and drops empty ones: only the address has them all.
    const given = new URL(request.url).searchParams.getAll(name);
    if (given.length > 1) return invalidRequest(`${name} must be given once.`);
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
