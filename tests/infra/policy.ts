import type { Deployment, Resource } from "./deployment.ts";

/** A rule that a deployment must follow. */
export interface Policy {
  readonly name: string;
  /** For environments that turn on everything that is off by default, or for the others; for all if omitted. */
  readonly only?: "guarded" | "plain";
  /** All violations; empty if there are none. */
  readonly violations: (deployment: Deployment) => string[];
}

/** A policy of pairs: what is there, and what should be. */
export function policy(
  name: string,
  values: (deployment: Deployment) => readonly (readonly [found: unknown, wanted: unknown])[],
  only?: Policy["only"],
): Policy {
  return {
    name,
    ...(only !== undefined && { only }),
    violations: (deployment) =>
      values(deployment)
        .map(([found, wanted]) => [JSON.stringify(found), JSON.stringify(wanted)] as const)
        .filter(([found, wanted]) => found !== wanted)
        .map(([found, wanted]) => `${found} where ${wanted} should be`),
  };
}

/** What the properties of a resource have at these paths, and what they should have. */
export const members = (resource: Resource, wanted: Readonly<Record<string, unknown>>) =>
  Object.entries(wanted).map(([path, value]) => {
    const found = path.split(".").reduce((at, name) => at?.[name], resource["properties"]);
    return [{ [path]: found }, { [path]: value }] as const;
  });

/** Checks a deployment against a policy; a deployment that it can't read is a violation too. */
export function violationsOf({ violations }: Policy, deployment: Deployment): string[] {
  try {
    return violations(deployment);
  } catch (error) {
    return [String(error)];
  }
}

/** Whether a policy applies to this deployment. */
export function appliesTo({ only }: Policy, { expected }: Deployment): boolean {
  return only === undefined || (only === "guarded") === (expected.guarded ?? false);
}
