import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createDecisionRecord, type DecisionRecord } from "../../src/application/use-case-context.ts";
import { bases, problemCodes } from "../../src/contract/problem-types.ts";
import type { SessionStatus } from "../../src/domain/session-state.ts";
import { failureLine } from "../../src/http/problem.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { analyze } from "./kql-language.ts";

// Microsoft's own language service parses each query of the workbook and the alerts, and binds its names to the
// columns that records.kql makes of what LKPS logs.

const read = (...path: string[]) => readFileSync(join(repositoryRoot, ...path), "utf8");
const files = readdirSync(join(repositoryRoot, "infra", "kql")).sort();
const shared = `let grain = 1h;\n${read("infra", "kql", "records.kql")}\n`;
const queries = files
  .filter((file) => file !== "records.kql")
  .map((file) => ({ file, query: shared + read("infra", "kql", file) }));

const record = Object.keys(createDecisionRecord("session_start", "d"));
const failure = Object.keys(JSON.parse(failureLine("d", "internal_error", new Error("e"), () => undefined)));

test("the columns of records are the time, and the members of the record of a decision", () => {
  const { problems, columns } = analyze(`${shared}records`);
  expect(problems).toEqual([]);
  expect(Object.keys(columns)).toEqual(["TimeGenerated", ...record]);
});

test("the columns of failures are the time, and the members of a failure line", () => {
  const { problems, columns } = analyze(`${shared}failures`);
  expect(problems).toEqual([]);
  expect(["event", ...Object.keys(columns)]).toEqual(["event", "TimeGenerated", ...failure.slice(1)]);
});

test("records are of every event that a decision has, and of no other line", () => {
  const [, ...named] = analyze(`${shared}records`).strings;
  expect(named).toEqual([...Object.keys(events), "failure"]);
});

test("what is read out of a line is a member of one of them", () => {
  expect(new Set(analyze(`${shared}records`).members)).toEqual(new Set([...record, ...failure]));
});

const membersOfShared = analyze(`${shared}records`).members.length;
const events = {
  session_start: true,
  evaluation: true,
  agent_registered: true,
  agent_unregistered: true,
  session_joined: true,
  session_agent_joined: true,
  session_agent_recalled: true,
  session_ended: true,
} satisfies Record<NonNullable<DecisionRecord["event"]>, true>;
const outcomes = {
  session: true,
  allowed: true,
  denied: true,
  rejected: true,
  failed: true,
  done: true,
} satisfies Record<NonNullable<DecisionRecord["outcome"]>, true>;
const sources = { graph: true, cache: true } satisfies Record<
  NonNullable<DecisionRecord["application_source"]>,
  true
>;
const endReasons = {
  left: true,
  authorization_withdrawn: true,
  ended_by_owner: true,
  duration_limit: true,
} satisfies Record<NonNullable<SessionStatus["endReason"]>, true>;
/** Every value that a member of a line can have. */
const vocabulary: readonly string[] = [
  ...Object.keys({ ...events, ...outcomes, ...sources, ...endReasons }),
  ...problemCodes,
  ...bases,
  "not_applicable",
  "failure",
];

describe.each(queries)("$file", ({ query }) => {
  const { problems, names, members, strings } = analyze(query);
  const own = names.filter(({ start }) => start >= shared.length);

  test("parses, and every name in it is a column or a table", () => {
    expect(problems).toEqual([]);
    expect(own).not.toEqual([]);
  });

  test("knows no event, outcome or code that LKPS does not have, and reads no JSON past the columns", () => {
    const words = strings.filter((text) => /^[a-z]+(_[a-z]+)*$/.test(text));
    expect(words.filter((word) => !vocabulary.includes(word))).toEqual([]);
    expect(members).toHaveLength(membersOfShared);
  });
});

describe.each(queries.filter(({ file }) => file.startsWith("alert-")))("$file", ({ query }) => {
  test("ends with its condition: a row is a reason to fire, and `summarize` makes a row of nothing", () => {
    expect(query.trimEnd().split("\n").at(-1)).toMatch(/^\| where /);
  });
});

test.each(files)("infra/modules uses %s", (file) => {
  const [alerts, workbook] = ["alerts", "workbook"].map((name) => read("infra", "modules", `${name}.bicep`));
  const loaded = `loadTextContent('../kql/${file}')`;
  if (!file.startsWith("alert-")) expect(workbook).toContain(loaded);
  if (file.startsWith("alert-") || file === "records.kql") expect(alerts).toContain(loaded);
});
