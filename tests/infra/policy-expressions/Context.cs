using System;
using System.Collections.Generic;
using System.Text;

// The part of API Management's `context` that the policies use, by its documentation:
// https://learn.microsoft.com/azure/api-management/api-management-policy-expressions#ContextVariables

public class Context
{
    public Request Request;
    public Response Response;
    public ProxyError LastError;
    public Operation Operation;
    public Dictionary<string, object> Variables;
    public Guid RequestId = Guid.NewGuid();
}

public class Request
{
    public Url OriginalUrl;
    public IReadOnlyDictionary<string, string[]> Headers;
    public MessageBody Body;
}

public class Response { public int StatusCode; }
public class ProxyError { public string Source, Reason, Message; }
public class Operation { public string UrlTemplate; }
public class Url { public string Path; }

public class MessageBody
{
    public byte[] Bytes;
    public T As<T>(bool preserveContent = false) =>
        (T)(typeof(T) == typeof(string) ? (object)Encoding.UTF8.GetString(Bytes) : Bytes);
}

public class Jwt
{
    public string Algorithm, Issuer;
    public DateTime? ExpirationTime;
    public IEnumerable<string> Audiences;
    public IReadOnlyDictionary<string, string[]> Claims;
}

public static class Values
{
    public static string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> values, string name, string none) =>
        values.ContainsKey(name) ? string.Join(",", values[name]) : none;
}
