import { codeDescriptions } from "../descriptions.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { mark, paint } from "../terminal.ts";
import type { ServiceResponse } from "./call-service.ts";

/** The denials, and the refusal of what the agent's owner did not allow. */
const NO: ReadonlySet<unknown> = new Set([...Object.keys(codeDescriptions), "deployment_not_allowed"]);

/** Whether the answer is a no. Every other problem means that LKPS could not answer. */
function isDenial({ status, body }: ServiceResponse): boolean {
  return (status === 403 || status === 404) && NO.has(body["code"]);
}

/**
 * A problem of LKPS as text: what is wrong, what to do, where to read more, and the ids by which operators find it.
 *
 * @param address - of the LKPS that answered; a relative `type` is resolved against it
 */
export function problemText(response: ServiceResponse, address: string): string[] {
  const { status, body } = response;
  const text = (name: string) => (typeof body[name] === "string" ? body[name] : "");
  const ids = ["decision_id", "instance"].flatMap((name) =>
    text(name) === "" ? [] : `${name} ${text(name)}`,
  );
  const page = problemPage(body["type"], address);
  return [
    `${mark(isDenial(response) ? "bad" : "warning")} ${status}  ${paint("bold", text("code"))}  ${text("title")}`,
    ...(text("detail") === "" ? [] : [`     ${text("detail")}`]),
    ...(page === null ? [] : [paint("dim", `     More: ${page}`)]),
    ...(ids.length === 0 ? [] : [paint("dim", `     ${ids.join(", ")}`)]),
  ];
}

/** The address of the page about the problem; `null` unless it is a page of the same LKPS, which people can trust. */
function problemPage(type: unknown, address: string): string | null {
  if (typeof type !== "string" || !URL.canParse(type, address)) return null;
  const page = new URL(type, address);
  return page.hash !== "" && page.origin === new URL(address).origin ? page.href : null;
}

/** The exit code for a problem: a denial is 1, everything else is an error. */
export function problemExitCode(response: ServiceResponse): ExitCode {
  return isDenial(response) ? exitCodes.no : exitCodes.error;
}
