import type { Entity, Evaluation } from "../../src/application/evaluate-access.ts";
import type { PolicyDecisionPoint } from "../../src/application/policy-decision-point.ts";
import { pageOf } from "../../src/application/search-access.ts";

const users: readonly Entity[] = [
  { type: "user", id: "alice" },
  { type: "user", id: "bob", properties: { role: "admin" } },
];
const records: readonly Entity[] = [
  { type: "record", id: "record-1", properties: { status: "active" } },
  { type: "record", id: "record-2", properties: { status: "archived" } },
];

/**
 * The fixture of AuthZEN's certification scenario: two users, two records, three actions, eight rules. Anyone
 * may ask.
 *
 * @see https://github.com/openid/authzen/blob/main/certification/authorization-api-1_0-scenario.md
 */
export const fixtureDecisions: PolicyDecisionPoint = {
  startEvaluating: () => async (_, evaluation, context) => {
    const decision = isAllowed(evaluation);
    const code = decision ? "pre_authorized" : "not_applicable";
    Object.assign(context.record, { outcome: decision ? "allowed" : "denied", code });
    return { decision, code, check: null };
  },
  searchSubjects: async (_, { subject, ...rest }, page) =>
    pageOf(
      idsOf(users).filter((id) => isAllowed({ subject: { ...subject, id }, ...rest })),
      page,
    ),
  searchResources: async (_, { resource, ...rest }, page) =>
    pageOf(
      idsOf(records).filter((id) => isAllowed({ resource: { ...resource, id }, ...rest })),
      page,
    ),
  searchActions: async (_, entities, page) =>
    pageOf(
      ["read", "write", "delete"].filter((name) => isAllowed({ action: { name }, ...entities })),
      page,
    ),
};

const idsOf = (entities: readonly Entity[]) => entities.map(({ id }) => id);

/** Properties that the caller sends take precedence. */
function isAllowed({ subject, action, resource }: Evaluation): boolean {
  const user = users.find(({ type, id }) => type === subject.type && id === subject.id);
  const record = records.find(({ type, id }) => type === resource.type && id === resource.id);
  if (user === undefined || record === undefined) return false;
  const role = subject.properties?.["role"] ?? user.properties?.["role"];
  const status = resource.properties?.["status"] ?? record.properties?.["status"];
  switch (action.name) {
    case "read":
      return true;
    case "write":
      return status === "archived" ? role === "admin" : user.id === "alice";
    case "delete":
      return user.id === "alice" && action.properties?.["soft"] === true;
    default:
      return false;
  }
}
