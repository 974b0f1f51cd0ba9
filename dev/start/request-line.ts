import { styleText } from "node:util";
import { escapeText } from "../../cli/escape-text.ts";
import type { GatewayRequest } from "../gateway.ts";

/**
 * One line for a request: time, method, path, caller, status, code, milliseconds. Uses colors only on a
 * terminal.
 */
export function requestLine({ time, method, path, caller, status, code, ms }: GatewayRequest): string {
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, "0"),
  );
  const color = status < 400 ? "green" : status < 500 ? "yellow" : "red";
  return [
    styleText("dim", clock.join(":")),
    method.padEnd(6),
    escapeText(path).padEnd(27),
    (caller ?? "-").padEnd(36),
    styleText(color, String(status)),
    escapeText(code ?? "-").padEnd(27),
    styleText("dim", `${ms.toFixed(0)} ms`.padStart(7)),
  ].join("  ");
}
