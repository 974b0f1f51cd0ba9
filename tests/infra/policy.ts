import type { Deployment } from "./deployment.ts";

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
