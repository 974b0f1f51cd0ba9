import type { HttpRequest } from "@azure/functions";
import { invalidRequest } from "./json-body.ts";
import { Problem } from "./problem.ts";

/**
 * What the query gives for a parameter; `undefined` if the parameter is not in it, a problem if it is there twice: which
 * one counts would be a guess.
 */
export function parameterIn(request: HttpRequest, name: string): string | undefined | Problem {
  // The Functions host joins the values of a repeated parameter and drops empty ones: only the address has them all.
  const times = new URL(request.url).searchParams.getAll(name).length;
  return times > 1 ? invalidRequest(`${name} must be given once.`) : (request.query.get(name) ?? undefined);
}

/** A whole number in the query, `byDefault` if it is not given; a problem if it is none from `least` to `most`. */
export function wholeNumberIn(
  request: HttpRequest,
  name: string,
  { least, most, byDefault }: { readonly least: number; readonly most: number; readonly byDefault: number },
): number | Problem {
  const given = parameterIn(request, name);
  if (given === undefined) return byDefault;
  if (given instanceof Problem) return given;
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return value;
  return invalidRequest(`${name} must be a whole number from ${least} to ${most}.`);
}
