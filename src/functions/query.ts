import type { HttpRequest } from "@azure/functions";
import { invalidRequest } from "./json-body.ts";
import type { Problem } from "./problem.ts";

/** A whole number in the query, `byDefault` if it is not given; a problem if it is none from `least` to `most`. */
export function wholeNumberIn(
  request: HttpRequest,
  name: string,
  { least, most, byDefault }: { readonly least: number; readonly most: number; readonly byDefault: number },
): number | Problem {
  const given = request.query.get(name);
  if (given === null || given === "") return byDefault;
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return value;
  return invalidRequest(`${name} must be a whole number from ${least} to ${most}.`);
}
