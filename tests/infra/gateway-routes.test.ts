import { expect, test } from "vitest";
import ocelot from "../../infra/gateway/ocelot.json" with { type: "json" };
import routes from "../../infra/gateway/routes.json" with { type: "json" };

// Ocelot's routes as data, wherever there is no Ocelot to run. LkpsRoutes matches a template exactly, and adds the token
// check to every route that is not anonymous.

const ocelotRoutes = ocelot.Routes.flatMap((route) => {
  const template = route.UpstreamPathTemplate.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+");
  const isAnonymous = route.AuthenticationOptions?.AllowAnonymous === true;
  return route.UpstreamHttpMethod.map((method) => ({
    method,
    path: route.UpstreamPathTemplate,
    pattern: new RegExp(`^${template}$`),
    isAnonymous,
  }));
});
/** HEAD is answered wherever GET is. */
const lkpsRoutes = routes.flatMap(({ method, ...route }) =>
  (method === "GET" ? ["GET", "HEAD"] : [method]).map((each) => ({ ...route, method: each })),
);

test.each(lkpsRoutes)(
  "Ocelot has one route for $method $path, with a token check unless it is anonymous",
  (lkps) => {
    const found = ocelotRoutes.filter(
      ({ method, pattern }) => method === lkps.method && pattern.test(lkps.path),
    );
    expect(found.map(({ isAnonymous }) => isAnonymous)).toEqual([lkps.caller === "none"]);
  },
);

test("Ocelot has no other routes", () => {
  const others = ocelotRoutes.filter(
    ({ method, pattern }) => !lkpsRoutes.some((lkps) => lkps.method === method && pattern.test(lkps.path)),
  );
  expect(others.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});
