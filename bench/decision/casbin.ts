import { newEnforcer, newModelFromString, StringAdapter } from "casbin";
import { ACCESS_AS_CLIENT } from "../../src/domain/application.ts";
import { AGENT } from "../../tests/support/app-registration.ts";
import type { Engine } from "./engine.ts";
import { grantsOf } from "./grants.ts";

/**
 * Casbin's documented role model. Casbin checks all policies on each decision, but looks up roles. So one policy and a
 * role for each client takes 1/200 of the time of a policy for each client.
 *
 * @see https://casbin.org/docs/supported-models
 */
const MODEL = `
[request_definition]
r = sub, obj, act

[policy_definition]
p = sub, obj, act

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
`;

export const casbin: Engine<boolean> = {
  name: "casbin",
  given:
    "one in-memory enforcer per app registration: one policy, and its role for each client with the scope; `enforceSync`",
  async read(api) {
    const policies = [
      `p, pre_authorized, ${AGENT}, ${ACCESS_AS_CLIENT}`,
      ...grantsOf(api).granted.map((client) => `g, ${client}, pre_authorized`),
    ];
    const enforcer = await newEnforcer(newModelFromString(MODEL), new StringAdapter(policies.join("\n")));
    return (client) => enforcer.enforceSync(client, AGENT, ACCESS_AS_CLIENT);
  },
  meaning: (isAllowed) => isAllowed,
};
