// Never runs: the type check of `npm test` is the test. Anything here that compiles without an error is a hole.
import type { ClientId } from "../../src/domain/client-id.ts";
import { decide, type Permit } from "../../src/domain/decision.ts";
import type { ParticipantTokenIssuer } from "../../src/domain/ports.ts";
import type { SessionPlan } from "../../src/domain/session.ts";

declare const agent: ClientId;
declare const plan: SessionPlan;
declare const issuer: ParticipantTokenIssuer;

// @ts-expect-error: a permit cannot be written down, only decided.
const written: Permit = { agent, client: agent, basis: "pre_authorized" };

// @ts-expect-error: the issuer takes no substitute for a permit.
void issuer.issue({ agent, client: agent, basis: "pre_authorized" }, plan);

const decision = decide(agent, agent, { registration: "none" });
// @ts-expect-error: a decision has a permit only where it allows.
void issuer.issue(decision.permit, plan);
if (decision.allowed) void issuer.issue(decision.permit, plan);

void written;
