import type { Load } from "./load.ts";

/** Agents that are asked for equally often. */
export interface AgentGroup {
  readonly agents: number;
  /** Of all starts and evaluations, for each of them. */
  readonly share: number;
}

/** A load's agents: the busiest one, and the others if there are any. */
export function agentGroups({
  agents,
  busiestPercent,
}: Load): readonly [busiest: AgentGroup, ...AgentGroup[]] {
  const share = busiestPercent === 0 || agents === 1 ? 1 / agents : busiestPercent / 100;
  const busiest = { agents: 1, share };
  if (agents === 1) return [busiest];
  return [busiest, { agents: agents - 1, share: (1 - share) / (agents - 1) }];
}
