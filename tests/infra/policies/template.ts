import type { Template } from "../deployment.ts";
import { policy } from "../policy.ts";

/** The template and those of all its modules, and of theirs. */
function nested(template: Template): Template[] {
  const modules = Object.values(template.resources).flatMap(({ properties }) => properties?.template ?? []);
  return [template, ...modules.flatMap(nested)];
}

/** The module that app.bicep calls by this name. */
function moduleOf(template: Template, name: string) {
  return template.resources["lkps"]?.properties?.template?.resources[name];
}

/** What only the compiled template shows. */
export const templatePolicies = [
  policy("the LiveKit secret is a secure parameter everywhere", ({ template }) => {
    const types = nested(template).flatMap(({ parameters }) => parameters["liveKitApiSecret"]?.type ?? []);
    return [[types, ["securestring", "securestring", "securestring"]]];
  }),
  policy("the webhook, which often contains a key, is a secure parameter everywhere", ({ template }) => {
    const types = nested(template).flatMap(
      ({ parameters }) => (parameters["alertWebhook"] ?? parameters["webhook"])?.type ?? [],
    );
    return [[types, ["securestring", "securestring", "securestring"]]];
  }),
  policy("the template itself rejects production without receivers", ({ template }) => [
    [
      /if\(or\(or\(not\(startsWith\(parameters\('environmentName'\), 'prod'\)\).*?fail\('/.test(
        JSON.stringify(template),
      ),
      true,
    ],
  ]),
  policy("no output contains a secret", ({ template }) => {
    const outputs = nested(template).flatMap((each) => Object.values(each.outputs ?? {}));
    const telling = outputs.filter(({ value }) => /secret'\)|list[A-Z]/i.test(JSON.stringify(value)));
    return [[telling, []]];
  }),
  policy("no resource's key is requested", ({ template }) => [
    [/list(Keys|AccountSas|ServiceSas|Credentials|Secrets)/i.exec(JSON.stringify(template))?.[0], undefined],
  ]),
  policy(
    "roles are assigned after their resources, and the app is created after its roles",
    ({ template }) => {
      const roles = moduleOf(template, "roles")?.dependsOn ?? [];
      return [
        [[...roles].sort(), ["identity", "keyVault", "monitoring", "storage"]],
        [moduleOf(template, "functionApp")?.dependsOn?.includes("roles"), true],
      ];
    },
  ),
  policy("an environment must set its name and its LiveKit server, and nothing else", ({ template }) => {
    const required = Object.entries(template.parameters)
      .filter(([, { defaultValue, ...rest }]) => defaultValue === undefined && !("nullable" in rest))
      .map(([name]) => name);
    return [[required, ["environmentName", "location", "liveKitUrl", "liveKitApiKey"]]];
  }),
  policy("main.bicep and app.bicep have the same parameters, with the same defaults", ({ template }) => {
    const parameters = ({ location, ...others }: Template["parameters"] = {}) => others;
    return [
      [
        parameters(template.resources["lkps"]?.properties?.template?.parameters),
        parameters(template.parameters),
      ],
    ];
  }),
];
