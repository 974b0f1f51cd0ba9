import { styleText } from "node:util";
import { escapeText } from "../../cli/escape-text.ts";
import { type AppRegistration, findApplication, findServicePrincipal } from "../entra/directory.ts";
import type { GatewayRequest } from "../gateway.ts";

const PATH_WIDTH = 25;
const CALLER_WIDTH = 24;

/**
 * A request on one line of at most 80 columns: time, method, path, caller, status, milliseconds. A problem's
 * code is on a second line. Uses colors only on a terminal.
 *
 * @param caller - the caller's name
 */
export function requestLine(request: GatewayRequest, caller: string): string {
  const { time, method, path, status, code, ms } = request;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, "0"),
  );
  const color = status < 400 ? "green" : status < 500 ? "yellow" : "red";
  const line = [
    styleText("dim", clock.join(":")),
    method.slice(0, 7).padEnd(6),
    toWidth(path, PATH_WIDTH),
    toWidth(caller, CALLER_WIDTH),
    styleText(color, String(status)),
    styleText("dim", `${ms.toFixed(0)} ms`.padStart(7)),
  ].join(" ");
  return code === null ? line : `${line}\n         ${styleText(color, escapeText(code))}`;
}

/** The caller's name in the directory; its client id if it has none, and `-` if nobody was identified. */
export function callerName(clientId: string | null, applications: AppRegistration[]): string {
  if (clientId === null) return "-";
  const found = findApplication(applications, clientId) ?? findServicePrincipal(applications, clientId);
  return found?.displayName ?? clientId;
}

/** Shortens a longer text in the middle, where a path or an id says the least. */
function toWidth(text: string, width: number): string {
  const shown = escapeText(text);
  if (shown.length <= width) return shown.padEnd(width);
  const end = Math.floor((width - 1) / 2);
  return `${shown.slice(0, width - 1 - end)}…${shown.slice(-end)}`;
}
