using System;
using System.Collections.Generic;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

// Evaluates expressions, E0, E1 … of the class that the test writes beside this: cases from standard input, values to
// standard output, both as JSON.
public static class Program
{
    public static void Main()
    {
        var answers = new JArray();
        foreach (var each in JArray.Parse(Console.In.ReadToEnd()))
        {
            var token = each["token"];
            var variables = each["variables"].ToObject<Dictionary<string, object>>();
            if (token != null)
                variables["accessToken"] = new Jwt
                {
                    Algorithm = (string)token["algorithm"],
                    ExpirationTime = (bool?)token["expires"] == false ? (DateTime?)null : DateTime.UtcNow,
                    Issuer = (string)token["issuer"],
                    Audiences = token["audiences"].ToObject<string[]>(),
                    Claims = token["claims"].ToObject<Dictionary<string, string[]>>()
                };
            var context = new Context
            {
                Request = new Request
                {
                    OriginalUrl = new Url { Path = (string)each["path"] },
                    Headers = new Dictionary<string, string[]>(
                        each["headers"].ToObject<Dictionary<string, string[]>>(), StringComparer.OrdinalIgnoreCase),
                    Body = each["bodyLength"] == null ? null : new MessageBody { Bytes = new byte[(int)each["bodyLength"]] }
                },
                Operation = new Operation { UrlTemplate = (string)each["template"] },
                Response = new Response { StatusCode = (int)each["statusCode"] },
                LastError = each["error"]?.ToObject<ProxyError>(),
                Variables = variables
            };
            answers.Add(new JValue(typeof(Expressions).GetMethod((string)each["expression"]).Invoke(null, new object[] { context })));
        }
        Console.WriteLine(answers.ToString(Formatting.None));
    }
}
