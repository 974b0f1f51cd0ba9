import { meanings } from "../check/words.ts";
import { type ExitCode, exitCodes } from "../outcome.ts";
import { mark, paint, shown } from "../terminal.ts";
import type { ServiceAnswer } from "./call-service.ts";

/** Whether LKPS decided against the client, rather than could not decide or did not understand. */
function isDenial({ status, body }: ServiceAnswer): boolean {
  return (status === 403 || status === 404) && typeof body["code"] === "string" && body["code"] in meanings;
}

/** A problem of LKPS, for a person: what it is, what to do, and by what its operators find it. */
export function problemText(answer: ServiceAnswer): string {
  const { status, body } = answer;
  const text = (name: string) => (typeof body[name] === "string" ? shown(body[name]) : "");
  const found = ["decision_id", "instance"].flatMap((name) =>
    text(name) === "" ? [] : `${name} ${text(name)}`,
  );
  return [
    `${mark(isDenial(answer) ? "bad" : "unknown")} ${status}  ${paint("bold", text("code"))}  ${text("title")}`,
    ...(text("detail") === "" ? [] : [`     ${text("detail")}`]),
    ...(found.length === 0 ? [] : [paint("dim", `     ${found.join(", ")}`)]),
  ].join("\n");
}

/** What a problem means for the exit code: no, or not known. */
export function exitCodeOf(answer: ServiceAnswer): ExitCode {
  return isDenial(answer) ? exitCodes.no : exitCodes.couldNotTell;
}
