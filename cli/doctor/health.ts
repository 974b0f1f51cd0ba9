import { isRecord } from "../../src/domain/application.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { probe } from "./probe.ts";

const ADVICE: Readonly<Record<string, string>> = {
  directory_access_denied:
    "The app's managed identity is missing or may not read applications: grant it Application.Read.All of Microsoft Graph (infra/graph/grant.sh).",
  directory_unavailable:
    "Microsoft Graph or the identity endpoint does not answer the app: its log has the causes.",
  storage_unavailable:
    "Table Storage does not answer the app: does its identity have Storage Table Data Contributor, and does the network let it through?",
};

/** Whether anything answers there, and whether it is LKPS. */
export async function examineHealth(url: string): Promise<Finding[]> {
  const reachable = findingsOf("Reachable");
  const health = findingsOf("Health");
  const answer = await probe(`${url}/api/health`);
  if (answer.status === null) {
    const advice = "Check the address, the network and whether the gateway runs.";
    return [reachable.bad(`nothing answers: ${answer.reason}`, advice), health.skipped("nothing to ask")];
  }
  const found = reachable.good(`answers in ${answer.ms} ms`);
  if (answer.status === 200 && answer.body?.["status"] === "ok") {
    return [found, health.good(`version ${answer.body["version"]}`)];
  }
  const isGateways = [502, 503, 504].includes(answer.status);
  const advice = isGateways
    ? "The gateway does not reach the app: is the app running, and is its host in the gateway's configuration?"
    : "Is this the address of LKPS without a path, and does the gateway pass /api/health on without a token?";
  return [found, health.bad(`answers ${answer.status} for /api/health`, advice)];
}

/** Whether what LKPS depends on answers it. */
export async function examineReadiness(url: string): Promise<Finding> {
  const { good, bad } = findingsOf("Ready");
  const answer = await probe(`${url}/api/health/ready`);
  if (answer.status === null) return bad(`nothing answers: ${answer.reason}`);
  const dependencies = answer.body?.["dependencies"];
  if (!isRecord(dependencies))
    return bad(`answers ${answer.status} for /api/health/ready, and not as LKPS does`);
  const failed = Object.entries(dependencies).flatMap(([name, state]) =>
    isRecord(state) && state["ok"] === true
      ? []
      : [[name, isRecord(state) ? String(state["code"]) : ""] as const],
  );
  if (answer.status === 200 && failed.length === 0) return good(Object.keys(dependencies).join(" and "));
  const advice = [...new Set(failed.flatMap(([, code]) => ADVICE[code] ?? []))].join(" ");
  const found = failed.map(([name, code]) => `${name}: ${code}`).join(", ");
  return bad(found || `answers ${answer.status}`, advice || null);
}
