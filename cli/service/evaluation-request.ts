import { describeCode } from "../descriptions.ts";
import { paint } from "../terminal.ts";

/** The path of AuthZEN's evaluation endpoint. */
export const EVALUATION_PATH = "/api/access/v1/evaluation";

/** The AuthZEN request that asks whether a client may start sessions with an agent. */
export function evaluationBody(client: string, agent: string) {
  return {
    subject: { type: "client_application", id: client },
    action: { name: "access_as_client" },
    resource: { type: "agent", id: agent },
  };
}

/** A decision in one line. */
export function decisionLine(isAllowed: boolean, code: string, condition = ""): string {
  const word = isAllowed ? paint(["bold", "green"], "ALLOWED") : paint(["bold", "red"], "DENIED");
  return `${word}${condition}  ${paint("bold", code)}  ${describeCode(code)}`;
}
