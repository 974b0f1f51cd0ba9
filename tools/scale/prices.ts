/**
 * List prices in US dollars as of November 2026, pay as you go, without taxes and discounts; they differ a little by
 * region. What a start costs is computed from these here and in docs/deploy.md alike.
 *
 * @see https://azure.microsoft.com/pricing/calculator/
 */
export const prices = {
  /** Flex Consumption, on demand, after the free ones of a month. */
  gbSecond: 0.000026,
  freeGbSeconds: 100_000,
  millionExecutions: 0.4,
  freeExecutions: 250_000,
  tenThousandTableOperations: 0.00036,
  /** A GB of tables for a month, locally redundant. */
  tableGb: 0.045,
  /** Log Analytics, after the free ones of a month. */
  logGb: 2.3,
  freeLogGb: 5,
  /** A month's: three rules that look every 5 minutes, two that look every 15 or less often. */
  alertRules: 3 * 1.5 + 2 * 0.5,
};
