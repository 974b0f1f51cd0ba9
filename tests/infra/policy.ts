import type { Deployment } from "./deployment.ts";

/** Something that must hold of a deployment. */
export interface Policy {
  readonly name: string;
  /** For the environments in which everything is on that is off by default, or for the others; for all if left out. */
  readonly only?: "guarded" | "plain";
  /** Every way in which it does not hold; none if it holds. */
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

/** Asks a policy about a deployment; what it cannot even read is a violation too. */
export function violationsOf({ violations }: Policy, deployment: Deployment): string[] {
  try {
    return violations(deployment);
  } catch (error) {
    return [String(error)];
  }
}

/** Whether a policy is for this deployment. */
export function appliesTo({ only }: Policy, { expected }: Deployment): boolean {
  return only === undefined || (only === "guarded") === (expected.guarded ?? false);
}
