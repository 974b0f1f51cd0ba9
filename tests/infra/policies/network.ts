import { members, policy } from "../policy.ts";

const subnets = "Microsoft.Network/virtualNetworks/subnets";

/** The optional virtual network. */
export const networkPolicies = [
  policy(
    "by default, there is no network",
    (d) => [[d.resources.filter(({ type }) => type.startsWith("Microsoft.Network/")).length, 0]],
    "plain",
  ),
  policy(
    "by default, the app's outbound traffic uses no network",
    ({ app }) => [[app["properties"].virtualNetworkSubnetId, null]],
    "plain",
  ),
  ...(["storage", "vault"] as const).map((which) =>
    policy(`by default, the ${which} is public for callers with a role, and closed with a network`, (d) =>
      members(d[which], {
        publicNetworkAccess: d.expected.guarded ? "Disabled" : "Enabled",
        "networkAcls.defaultAction": d.expected.guarded ? "Deny" : "Allow",
        "networkAcls.bypass": "AzureServices",
      }),
    ),
  ),
  policy(
    "blobs, tables, and the vault have private endpoints and DNS names",
    (d) => {
      const endpoints = d.all("Microsoft.Network/privateEndpoints").map(({ id, properties }) => {
        const [{ properties: connection }] = properties.privateLinkServiceConnections;
        const group = d
          .all("Microsoft.Network/privateEndpoints/privateDnsZoneGroups")
          .find((each) => each.id.startsWith(`${id}/`));
        const zone: string = group?.["properties"].privateDnsZoneConfigs[0].properties.privateDnsZoneId ?? "";
        const kind = /privatelink\.(blob|table)|keyvaultDns/.exec(zone)?.[0];
        return [connection.groupIds, connection.privateLinkServiceId, kind, properties.subnet.id];
      });
      const subnet = d.all(subnets).find(({ name }) => name.endsWith("/snet-endpoints"))?.id;
      return [
        [
          endpoints,
          [
            [["blob"], d.storage.id, "privatelink.blob", subnet],
            [["table"], d.storage.id, "privatelink.table", subnet],
            [["vault"], d.vault.id, "keyvaultDns", subnet],
          ],
        ],
      ];
    },
    "guarded",
  ),
  policy(
    "each private zone is linked to the network, without automatic registration",
    (d) => {
      const links = d.all("Microsoft.Network/privateDnsZones/virtualNetworkLinks");
      const network = d.one("Microsoft.Network/virtualNetworks").id;
      return [
        [d.all("Microsoft.Network/privateDnsZones").length, 3],
        [
          links.map(({ properties }) => [properties.virtualNetwork.id, properties.registrationEnabled]),
          Array(3).fill([network, false]),
        ],
      ];
    },
    "guarded",
  ),
  policy(
    "the app's outbound traffic uses a subnet for Flex Consumption only",
    (d) => {
      const subnet = d.all(subnets).find(({ name }) => name.endsWith("/snet-app"));
      return [
        [d.app["properties"].virtualNetworkSubnetId, subnet?.id],
        [
          subnet?.["properties"].delegations.map(
            (each: { properties: { serviceName: string } }) => each.properties.serviceName,
          ),
          ["Microsoft.App/environments"],
        ],
      ];
    },
    "guarded",
  ),
  policy(
    "each subnet has a security group",
    (d) => {
      const group = d.one("Microsoft.Network/networkSecurityGroups").id;
      return [[d.all(subnets).map(({ properties }) => properties.networkSecurityGroup?.id), [group, group]]];
    },
    "guarded",
  ),
];
