import { describe, expect, test } from "vitest";
import { refuseUnknown } from "../../src/contract/session-request-body.ts";
import { toSessionRequest } from "../../src/contract/to-session-request.ts";
import { AGENT } from "../support/app-registration.ts";

/** Whether a start with these members is taken. */
const takes = (members: object) =>
  !("invalid" in toSessionRequest({ agent_entra_app_id: AGENT, ...members }));

describe("metadata and attributes have 4,096 bytes in total, encoded as JSON", () => {
  const text = (bytes: number) => "a".repeat(bytes);

  test.each<[string, (bytes: number) => object, number]>([
    ["metadata, with its quotes", (n) => ({ participant_metadata: text(n) }), 4_094],
    ["the agent's metadata", (n) => ({ agent_metadata: text(n) }), 4_094],
    ["both", (n) => ({ participant_metadata: text(n), agent_metadata: text(1_000) }), 4_094 - 1_002],
    ["an attribute's value, and its name", (n) => ({ participant_attributes: { name: text(n) } }), 4_094 - 6],
    ["an attribute's name", (n) => ({ participant_attributes: { [text(n)]: "" } }), 4_094 - 2],
    ["quotation marks, which are escaped", (n) => ({ agent_metadata: '"'.repeat(n) }), 2_047],
    ["control characters, of which each takes six", (n) => ({ agent_metadata: "\u0001".repeat(n) }), 682],
    ["letters of two bytes", (n) => ({ participant_metadata: "é".repeat(n) }), 2_047],
  ])("%s", (_, members, most) => {
    expect([takes(members(most)), takes(members(most + 1))]).toEqual([true, false]);
  });
});

test("a null of a member that LKPS rejects counts as absent", () => {
  const roomConfig = { agents: [{ agent_name: AGENT, deployment_id: null }], max_participants: null };
  expect(refuseUnknown({ room_config: roomConfig })).toBeUndefined();
});
