import { isObject } from "../../src/domain/application.ts";
import { type Finding, findingsFor } from "./finding.ts";
import { probe } from "./probe.ts";

const ADVICE: Readonly<Record<string, string>> = {
  directory_access_denied:
    "The app's managed identity is missing or is not allowed to read applications. Grant it the Microsoft Graph permission Application.Read.All (infra/graph/grant.sh).",
  directory_unavailable:
    "Microsoft Graph or the identity endpoint does not answer the app. The app's log has the causes.",
  storage_unavailable:
    "Table Storage does not answer the app. Check that the app's identity has the role Storage Table Data Contributor, and that the network allows the connection.",
};

/** Checks that something answers at the address, and that it is LKPS. */
export async function checkHealth(url: string): Promise<Finding[]> {
  const reachable = findingsFor("Reachable");
  const health = findingsFor("Health");
  const response = await probe(url, { path: "/api/health" });
  if (response.status === null) {
    const advice = "Check the address and the network, and that the gateway is running.";
    return [reachable.bad(`no answer: ${response.reason}`, advice), health.skipped("no answer")];
  }
  const found = reachable.good(`answered in ${response.ms} ms`);
  if (response.status === 200 && response.body?.["status"] === "ok") {
    return [found, health.good(`version ${response.body["version"]}`)];
  }
  const isGatewayError = [502, 503, 504].includes(response.status);
  const advice = isGatewayError
    ? "The gateway cannot reach the app. Check that the app is running, and that the gateway is configured with its host name."
    : "Check that the address has no path, and that the gateway forwards /api/health without a token.";
  return [found, health.bad(`/api/health answered ${response.status}`, advice)];
}

/** Checks that the services LKPS depends on are available to it. */
export async function checkReadiness(url: string): Promise<Finding> {
  const { good, bad } = findingsFor("Ready");
  const response = await probe(url, { path: "/api/health/ready" });
  if (response.status === null) return bad(`no answer: ${response.reason}`);
  const dependencies = response.body?.["dependencies"];
  if (!isObject(dependencies))
    return bad(`/api/health/ready answered ${response.status}, but not as LKPS does`);
  const failed = Object.entries(dependencies).flatMap(([name, state]) =>
    isObject(state) && state["ok"] === true
      ? []
      : [[name, isObject(state) ? String(state["code"]) : ""] as const],
  );
  if (response.status === 200 && failed.length === 0) return good(Object.keys(dependencies).join(" and "));
  const advice = [...new Set(failed.flatMap(([, code]) => ADVICE[code] ?? []))].join(" ");
  const found = failed.map(([name, code]) => `${name}: ${code}`).join(", ");
  return bad(found || `answered ${response.status}`, advice || null);
}
