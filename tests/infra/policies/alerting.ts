import { policy } from "../policy.ts";

interface Notification {
  readonly enabled: boolean;
  readonly thresholdType: string;
  readonly threshold: number;
  readonly contactGroups: readonly string[];
}

/** Who is notified that something is wrong or costs more than it should. */
export const alertingPolicies = [
  policy("alerts reach their receivers by mail and by webhook", (d) => {
    const { emailReceivers, webhookReceivers } = d.one("Microsoft.Insights/actionGroups")["properties"];
    const rules = [
      ...d.all("Microsoft.Insights/scheduledQueryRules"),
      ...d.all("Microsoft.Insights/metricAlerts"),
    ];
    const group = d.one("Microsoft.Insights/actionGroups").id;
    return [
      [emailReceivers.length, d.expected.guarded ? 0 : 1],
      // The webhook is secure, so that a snapshot does not show it.
      [/'serviceUri', parameters\('webhook'\)/.test(webhookReceivers), true],
      [rules.filter(({ properties }) => !JSON.stringify(properties.actions).includes(group)), []],
    ];
  }),
  policy("production is called from outside, at the address that callers use", (d) => {
    const tests = d.all("Microsoft.Insights/webtests");
    if (d.expected.environment === "np") return [[tests, []]];
    const [{ properties } = d.one("Microsoft.Insights/webtests")] = tests;
    const { criteria } = d.one("Microsoft.Insights/metricAlerts")["properties"];
    return [
      [properties.Request.RequestUrl, "https://gateway.example/api/health/ready"],
      [properties.ValidationRules.ExpectedHttpStatusCode, 200],
      [properties.Locations.length >= 5, true],
      [
        [criteria.webTestId, criteria.failedLocationCount],
        [tests[0]?.id, 2],
      ],
    ];
  }),
  policy(
    "Azure's own news of the group's resources and of the subscription's services reach the receivers",
    (d) => {
      const group = d.one("Microsoft.Insights/actionGroups").id;
      const found = d
        .all("Microsoft.Insights/activityLogAlerts")
        .map(({ properties }) => [
          properties.condition.allOf[0].equals,
          properties.scopes.map((scope: string) => scope.split("/").length),
          properties.actions.actionGroups,
        ]);
      const receivers = [{ actionGroupId: group }];
      return [
        [
          found,
          [
            ["ResourceHealth", [5], receivers],
            ["ServiceHealth", [3], receivers],
          ],
        ],
      ];
    },
  ),
  policy("a budget, if there is one, notifies before, at, and beyond its amount", (d) => {
    const budgets = d
      .all("Microsoft.Consumption/budgets")
      .map(({ properties }) => [
        properties.amount,
        properties.timePeriod.startDate,
        Object.values<Notification>(properties.notifications).map((each) => [
          each.thresholdType,
          each.threshold,
          each.enabled,
          each.contactGroups,
        ]),
      ]);
    const group = [d.one("Microsoft.Insights/actionGroups").id];
    const wanted = [
      ["Actual", 50],
      ["Actual", 90],
      ["Actual", 100],
      ["Forecasted", 110],
    ].map((threshold) => [...threshold, true, group]);
    return [[budgets, d.expected.guarded ? [] : [[500, "2026-11-01T00:00:00Z", wanted]]]];
  }),
];
