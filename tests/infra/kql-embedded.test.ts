import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { infraDirectory } from "../../tools/infra/deployments.ts";
import { type ModuleResource, resourcesOf, workspaceId } from "./compiled-module.ts";
import { analyze } from "./kql-language.ts";
import { describeWithBicep } from "./with-bicep.ts";

// The queries as Azure gets them, out of the compiled modules.

const common = { location: "westeurope", tags: {}, workspaceResourceId: workspaceId };

describeWithBicep("the compiled workbook", () => {
  // biome-ignore lint/suspicious/noExplicitAny: a workbook has no published schema
  let items: any[] = [];
  beforeAll(async () => {
    const [workbook] = await resourcesOf("workbook", { ...common, displayName: "LKPS" });
    items = JSON.parse(workbook?.properties.serializedData).items;
  });

  test("has queries that Kusto can parse, once the time range is filled in", () => {
    const queries = items.filter(({ type }) => type === 3).map(({ content }) => content.query);
    expect(queries).toHaveLength(11);
    for (const query of queries) {
      expect(analyze(query.replace("{TimeRange:grain}", "30m")).problems).toEqual([]);
    }
  });

  test("takes the time of every query from its one parameter", () => {
    const [parameters, ...rest] = items;
    const { name } = parameters.content.parameters[0];
    expect(new Set(rest.map(({ content }) => content.timeContextFromParameter))).toEqual(new Set([name]));
    expect(rest.every(({ content }) => content.query.startsWith(`let grain = {${name}:grain};\n`))).toBe(
      true,
    );
  });
});

describeWithBicep("the compiled alerts", () => {
  let resources: ModuleResource[] = [];
  beforeAll(async () => {
    const more = {
      namePrefix: "lkps-np",
      emails: ["one@example.com", "two@example.com"],
      webhook: "",
      dailyQuotaGb: 30,
    };
    resources = await resourcesOf("alerts", { ...common, ...more });
  });
  const rules = () => resources.filter(({ type }) => type === "Microsoft.Insights/scheduledQueryRules");

  test("are eight, each with a query over the workspace that Kusto can parse", () => {
    expect(rules().map(({ name }) => name)).toEqual([
      "lkps-np-fast-burn",
      "lkps-np-slow-burn",
      "lkps-np-directory-access-denied",
      "lkps-np-directory-unavailable",
      "lkps-np-denials-after-none",
      "lkps-np-agent-missing",
      "lkps-np-silence",
      "lkps-np-daily-cap",
    ]);
    for (const { properties } of rules()) {
      const [criterion] = properties.criteria.allOf;
      const { problems, columns } = analyze(criterion.query);
      expect(problems).toEqual([]);
      // Alerts are split by strings only.
      for (const { name } of criterion.dimensions) expect(columns[name]).toBe("string");
      expect(properties.scopes).toEqual([workspaceId]);
    }
  });

  test("fire at the first row, and look back far enough to include lines that arrive 10 minutes late", () => {
    for (const { properties } of rules()) {
      const [criterion] = properties.criteria.allOf;
      expect([criterion.timeAggregation, criterion.operator, criterion.threshold]).toEqual([
        "Count",
        "GreaterThan",
        0,
      ]);
      const { windowSize, evaluationFrequency } = properties;
      expect(minutes(windowSize)).toBeGreaterThanOrEqual(minutes(evaluationFrequency) + 10);
      expect(properties.enabled).toBe(true);
    }
  });

  test("notify every receiver", () => {
    const group = resources.find(({ type }) => type === "Microsoft.Insights/actionGroups");
    const receivers: { emailAddress: string }[] = group?.properties.emailReceivers;
    expect(receivers.map(({ emailAddress }) => emailAddress)).toEqual(["one@example.com", "two@example.com"]);
    for (const { properties } of rules()) {
      expect(properties.actions.actionGroups).toEqual([expect.stringMatching(/actionGroups\/ag-lkps-np$/)]);
    }
  });

  test("have severity 1 for a fast burn and 2 for a slow one, over the windows that the queries use", () => {
    const burns = rules()
      .slice(0, 2)
      .map(({ properties }) => [
        properties.severity,
        properties.windowSize,
        /burn_rate = (.*);/.exec(properties.criteria.allOf[0].query)?.[1],
        /short_window = (.*);/.exec(properties.criteria.allOf[0].query)?.[1],
      ]);
    // The two burn rates and window pairs of Google's SRE workbook, chapter 5.
    expect(burns).toEqual([
      [1, "PT1H", "14.4", "5m"],
      [2, "PT6H", "6.0", "30m"],
    ]);
  });

  test.each<[rule: string, window: string, range: string, lines: string[]]>([
    // Quiet before the first line.
    ["silence", "PT2H", "P2D", ["| where newest < ago(2h)"]],
    // The last hour's sessions once their lines have arrived, 10 minutes and the agent's 30 s later, and a day of starts.
    ["agent-missing", "PT1H", "P1D", ["let last_hour = 1h;", "let patience = 30s;", "let late_lines = 11m;"]],
    ["denials-after-none", "PT1H", "P1D", ["let last_hour = 1h;"]],
  ])("of %s looks at %s, and back %s", (rule, window, range, lines) => {
    const { properties } = rules().find(({ name }) => name.endsWith(rule)) ?? {};
    expect([properties.windowSize, properties.overrideQueryTimeRange]).toEqual([window, range]);
    for (const line of lines) expect(properties.criteria.allOf[0].query).toContain(line);
  });

  test("before the daily cap compare with the cap of the workspace", () => {
    const rule = rules().find(({ name }) => name.endsWith("daily-cap"));
    expect(rule?.properties.criteria.allOf[0].query).toContain("let daily_cap_gb = 30;\n");
    // Without a cap, the query finds nothing.
    const query = readFileSync(join(infraDirectory, "kql", "alert-daily-cap.kql"), "utf8");
    expect(query).toMatch(/^let daily_cap_gb = -1;$.*\| where daily_cap_gb > 0 and /ms);
  });
});

function minutes(duration: string): number {
  const [, days = "0", hours = "0", rest = "0"] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration) ?? [];
  return Number(days) * 1_440 + Number(hours) * 60 + Number(rest);
}
