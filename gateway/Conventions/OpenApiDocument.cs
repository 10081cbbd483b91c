using System.Globalization;
using System.Text.Json;
using FastEndpoints;
using FluentValidation;
using FluentValidation.Internal;
using FluentValidation.Validators;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace EdTech.Gateway;

/// <summary>The OpenAPI 3.1 document of all operations: <c>/openapi/v1.json</c>.</summary>
static class OpenApiDocumentSetup
{
    public const string Bearer = "Bearer";

    public static void AddOpenApiDocument(this IServiceCollection services)
    {
        services.AddSingleton<IApiDescriptionProvider, OperationParameters>();
        services.AddOpenApi("v1", options =>
        {
            options.AddOperationTransformer<OperationTransformer>();
            options.AddSchemaTransformer<RequestSchemas>();
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new()
                {
                    Title = "EdTech",
                    Version = "v1",
                    Description = "Learning, from the catalogue to the certificate. Writes take Idempotency-Key and Prefer; errors are RFC 9457 problem details with a stable code.",
                    License = new() { Name = "MIT", Identifier = "MIT" },
                };
                document.Servers = [new() { Url = "/" }];
                document.Components ??= new();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
                {
                    [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "The access token of a session: POST /v1/sessions." },
                };
                document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
                document.Components.Schemas.Remove(nameof(EmptyRequest));
                // A document that is compared by a test must not depend on the order in which types were found.
                document.Components.Schemas = new SortedDictionary<string, IOpenApiSchema>(document.Components.Schemas.ToDictionary(), StringComparer.Ordinal);
                document.Tags = document.Tags is { Count: > 0 } tags ? new SortedSet<OpenApiTag>(tags.Where(t => t.Name != GatewayApp.Name), Comparer<OpenApiTag>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name))) : null;
                var paths = new OpenApiPaths();
                foreach (var (path, item) in document.Paths.OrderBy(p => p.Key, StringComparer.Ordinal)) paths[path] = item;
                document.Paths = paths;
                return Task.CompletedTask;
            });
        });
    }

    public static OperationDescription Described(this ApiDescription description)
        => description.ActionDescriptor.EndpointMetadata.OfType<OperationDescription>().SingleOrDefault()
            ?? throw new InvalidOperationException($"{description.Definition()?.EndpointType.Name} must call Describe once in Configure, so that the HTTP document can name it.");

    public static EndpointDefinition? Definition(this ApiDescription description) => description.ActionDescriptor.EndpointMetadata.OfType<EndpointDefinition>().FirstOrDefault();
}

/// <summary>Summary, tag, security, headers, answers and problems of an operation.</summary>
sealed class OperationTransformer : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        if (context.Description.Definition() is not { } definition) return Task.CompletedTask;
        var described = context.Description.Described();
        var anonymous = context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any();
        var method = context.Description.HttpMethod!;

        operation.OperationId = Camel(definition.EndpointType.Name.Replace("Endpoint", "", StringComparison.Ordinal));
        operation.Summary = described.Summary;
        if (definition.AllowedPermissions is { Count: > 0 } permissions) operation.Description = $"Needs the permission {string.Join(" or ", permissions)}.";
        operation.Tags = new HashSet<OpenApiTagReference> { new(described.Tag ?? TagOf(context.Description.RelativePath!), context.Document) };
        (context.Document!.Tags ??= new HashSet<OpenApiTag>()).Add(new OpenApiTag { Name = described.Tag ?? TagOf(context.Description.RelativePath!) });
        operation.Security = anonymous ? [] : [new() { [new OpenApiSecuritySchemeReference(OpenApiDocumentSetup.Bearer, context.Document)] = [] }];

        var command = OperationKinds.IsCommand(definition);
        if (command || OperationKinds.IsInternalWrite(definition))
        {
            Header(operation, "Idempotency-Key", "1 to 200 visible ASCII characters. The same key with the same request gives the same answer, and takes effect once.");
            if (command) Header(operation, "Prefer", "wait=N waits up to N (at most 30) seconds for the outcome instead of 5; respond-async answers 202 at once.");
            if (command && method is "PUT" or "PATCH" or "DELETE") Header(operation, "If-Match", "The ETag that was read: refused with 412 when it was changed since.");
        }

        foreach (var (status, response) in operation.Responses ?? [])
            response.Description = ReasonPhrases.GetReasonPhrase(int.Parse(status, CultureInfo.InvariantCulture));
        if (OperationKinds.IsRead(definition)) operation.Responses!["304"] = new OpenApiResponse { Description = "Not changed since the ETag of If-None-Match." };
        foreach (var (name, rules) in ValidationRules.Of(definition.ValidatorType, context.ApplicationServices))
            if (operation.Parameters?.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase))?.Schema is OpenApiSchema schema)
                foreach (var (rule, _) in rules) ValidationRules.Apply(schema, rule);
        return Task.CompletedTask;
    }

    static void Header(OpenApiOperation operation, string name, string description)
        => (operation.Parameters ??= []).Add(new OpenApiParameter { Name = name, In = ParameterLocation.Header, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });

    static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    static string TagOf(string path)
    {
        var segments = path.Trim('/').Split('/');
        var segment = segments.Length > 1 && segments[0] == "v1" ? segments[1] : segments[0];
        return char.ToUpperInvariant(segment[0]) + segment[1..].Replace('-', ' ');
    }
}

/// <summary>Drops what does not come from the body and adds the constraints of the validators.</summary>
sealed class RequestSchemas(IEnumerable<EndpointDataSource> sources) : IOpenApiSchemaTransformer
{
    readonly Lazy<Dictionary<Type, Type?>> _validators = new(() => sources.SelectMany(s => s.Endpoints).Select(e => e.Metadata.GetMetadata<EndpointDefinition>()).OfType<EndpointDefinition>()
        .Where(d => d.ValidatorType is not null).DistinctBy(d => d.ReqDtoType).ToDictionary(d => d.ReqDtoType, d => d.ValidatorType));

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        if (context.JsonPropertyInfo is not null || schema.Properties is null) return Task.CompletedTask;
        foreach (var property in context.JsonTypeInfo.Properties)
            if (property.AttributeProvider?.IsDefined(typeof(NonJsonBindingAttribute), true) is true && !property.AttributeProvider.IsDefined(typeof(FormFieldAttribute), true))
            {
                schema.Properties.Remove(property.Name);
                schema.Required?.Remove(property.Name);
            }

        if (!_validators.Value.TryGetValue(context.JsonTypeInfo.Type, out var validator)) return Task.CompletedTask;
        foreach (var (name, rules) in ValidationRules.Of(validator, context.ApplicationServices))
        {
            var key = schema.Properties.Keys.FirstOrDefault(k => string.Equals(k, name, StringComparison.OrdinalIgnoreCase));
            if (key is null || schema.Properties[key] is not OpenApiSchema property) continue;
            foreach (var (rule, conditional) in rules)
            {
                if (rule is INotNullValidator or INotEmptyValidator && !conditional) (schema.Required ??= new HashSet<string>(StringComparer.Ordinal)).Add(key);
                ValidationRules.Apply(property, rule);
            }
        }

        return Task.CompletedTask;
    }
}

/// <summary>What the validators demand, in the words of JSON Schema.</summary>
static class ValidationRules
{
    public static IEnumerable<(string Property, List<(IPropertyValidator Validator, bool Conditional)> Rules)> Of(Type? validator, IServiceProvider services)
        => validator is null ? [] : ((IValidator)ActivatorUtilities.CreateInstance(services, validator)).CreateDescriptor().Rules
            .Where(r => r.PropertyName is { Length: > 0 } && r is not { TypeToValidate: null } && !r.GetType().Name.StartsWith("Collection", StringComparison.Ordinal))
            .Select(r => (r.PropertyName, r.Components.Select(c => (c.Validator, r.HasCondition || r.HasAsyncCondition || c.HasCondition || c.HasAsyncCondition)).ToList()));

    public static void Apply(OpenApiSchema schema, IPropertyValidator validator)
    {
        var array = schema.Type?.HasFlag(JsonSchemaType.Array) is true;
        var text = schema.Type?.HasFlag(JsonSchemaType.String) is true;
        switch (validator)
        {
            case INotEmptyValidator when array:
                schema.MinItems ??= 1;
                break;
            case INotEmptyValidator when text:
                schema.MinLength ??= 1;
                break;
            case ILengthValidator length when text:
                if (length.Min > 0) schema.MinLength = length.Min;
                if (length.Max > 0) schema.MaxLength = length.Max;
                break;
            case IEmailValidator:
                schema.Format = "email";
                break;
            case IRegularExpressionValidator pattern:
                schema.Pattern = pattern.Expression;
                break;
            case IBetweenValidator between when between.Name.StartsWith("Inclusive", StringComparison.Ordinal):
                schema.Minimum = Number(between.From);
                schema.Maximum = Number(between.To);
                break;
            case IBetweenValidator between:
                schema.ExclusiveMinimum = Number(between.From);
                schema.ExclusiveMaximum = Number(between.To);
                break;
            case IComparisonValidator { ValueToCompare: { } bound and not string } compared:
                switch (compared.Comparison)
                {
                    case Comparison.GreaterThan:
                        schema.ExclusiveMinimum = Number(bound);
                        break;
                    case Comparison.GreaterThanOrEqual:
                        schema.Minimum = Number(bound);
                        break;
                    case Comparison.LessThan:
                        schema.ExclusiveMaximum = Number(bound);
                        break;
                    case Comparison.LessThanOrEqual:
                        schema.Maximum = Number(bound);
                        break;
                }

                break;
        }

        static string? Number(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture);
    }
}

/// <summary>What an operation is, by the base class of its endpoint.</summary>
static class OperationKinds
{
    public static bool IsCommand(EndpointDefinition definition) => Is(definition.EndpointType, typeof(CommandEndpoint<>));

    public static bool IsInternalWrite(EndpointDefinition definition) => Is(definition.EndpointType, typeof(InternalWriteEndpoint<>)) || Is(definition.EndpointType, typeof(ChatWriteEndpoint<>));

    public static bool IsRead(EndpointDefinition definition) => Is(definition.EndpointType, typeof(QueryEndpoint<,>));

    static bool Is(Type? type, Type generic)
    {
        for (; type is not null; type = type.BaseType)
            if (type.IsGenericType && type.GetGenericTypeDefinition() == generic) return true;
        return false;
    }
}
