/**
 * The ids in the document's examples. They are in the local stack's directory (`dev/entra/directory.json`),
 * so that the examples work there as they are.
 */
export const EXAMPLE = {
  /** Pre-authorizes {@link EXAMPLE.client}. */
  agent: "a9e17000-0000-4000-8000-000000000001",
  unregisteredAgent: "a9e17000-0000-4000-8000-000000000002",
  agentWithMisnamedScope: "a9e17000-0000-4000-8000-000000000003",
  agentWithDisabledScope: "a9e17000-0000-4000-8000-000000000005",
  agentWithAnotherScopeGranted: "a9e17000-0000-4000-8000-000000000006",
  agentThatOptedOut: "a9e17000-0000-4000-8000-000000000007",
  deletedAgent: "a9e17000-0000-4000-8000-000000000008",
  /** An agent identity of {@link EXAMPLE.blueprint}, which pre-authorizes {@link EXAMPLE.client}. */
  agentIdentity: "a9e17000-0000-4000-8000-000000000011",
  disabledAgentIdentity: "a9e17000-0000-4000-8000-000000000012",
  blueprint: "b1e90000-0000-4000-8000-000000000001",
  client: "c11e4700-0000-4000-8000-000000000001",
  stranger: "c11e4700-0000-4000-8000-000000000002",
  clientWithoutScope: "c11e4700-0000-4000-8000-000000000003",
  console: "c0501e00-0000-4000-8000-000000000001",
  lkps: "5e4f1ce0-0000-4000-8000-000000000001",
  tenant: "7e4a4700-0000-4000-8000-000000000001",
  scope: "5c09e000-0000-4000-8000-000000000001",
  blueprintScope: "5c09e000-0000-4000-8000-0000000000b1",
  serverUrl: "wss://livekit.example.com",
  baseUrl: "https://lkps.example.com",
  decision: "0b9f4d5e-6a1c-4f27-9d83-2e5a7c1b8f40",
  invocation: "7d2c1e8a-93b4-4c60-8f1d-5ae0b7349c12",
  session: "01a20cc8-8e80-7e58-b1a4-90d8e7f6c523",
  room: "lkps-a9e17000-0000-4000-8000-000000000001-01a20cc8-8e80-7e58-b1a4-90d8e7f6c523",
  suffix: "9c3e5a7b1d20f846",
  participantToken:
    "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZXZrZXkiLCJzdWIiOiJub2JvZHkiLCJleHAiOjE3OTU1MTA4MDB9.YW4gZXhhbXBsZSwgd2hpY2ggb3BlbnMgbm8gcm9vbS4",
  startedAt: "2026-11-24T09:00:00.000Z",
  expiresAt: "2026-11-24T09:10:00.000Z",
} as const;
