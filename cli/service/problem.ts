import { meanings } from "../check/words.ts";
import { type ExitCode, exitCodes } from "../outcome.ts";
import { mark, paint } from "../terminal.ts";
import type { ServiceAnswer } from "./call-service.ts";

/** Whether LKPS decided against the client, rather than could not decide or did not understand. */
function isDenial({ status, body }: ServiceAnswer): boolean {
  return (status === 403 || status === 404) && typeof body["code"] === "string" && body["code"] in meanings;
}

/**
 * A problem of LKPS, for a person: what it is, what to do, where there is more, and by what its operators find it.
 *
 * @param address - of the LKPS that answered; a relative `type` starts from there
 */
export function problemText(answer: ServiceAnswer, address: string): string[] {
  const { status, body } = answer;
  const text = (name: string) => (typeof body[name] === "string" ? body[name] : "");
  const found = ["decision_id", "instance"].flatMap((name) =>
    text(name) === "" ? [] : `${name} ${text(name)}`,
  );
  const page = pageOf(body["type"], address);
  return [
    `${mark(isDenial(answer) ? "bad" : "unknown")} ${status}  ${paint("bold", text("code"))}  ${text("title")}`,
    ...(text("detail") === "" ? [] : [`     ${text("detail")}`]),
    ...(page === null ? [] : [paint("dim", `     More: ${page}`)]),
    ...(found.length === 0 ? [] : [paint("dim", `     ${found.join(", ")}`)]),
  ];
}

/** The page about the problem. Only one of LKPS itself: what answered may not send people elsewhere. */
function pageOf(type: unknown, address: string): string | null {
  if (typeof type !== "string" || !URL.canParse(type, address)) return null;
  const page = new URL(type, address);
  return page.hash !== "" && page.origin === new URL(address).origin ? page.href : null;
}

/** What a problem means for the exit code: no, or not known. */
export function exitCodeOf(answer: ServiceAnswer): ExitCode {
  return isDenial(answer) ? exitCodes.no : exitCodes.couldNotTell;
}
