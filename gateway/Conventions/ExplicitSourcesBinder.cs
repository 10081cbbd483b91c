using System.Reflection;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>
/// FastEndpoints lets a query string override every property of the JSON body (<c>POST ?price=0</c>). Here the query is read only by requests
/// that say so with <c>[QueryParam]</c>, and properties name their source: what carries no attribute comes from the body.
/// </summary>
sealed class ExplicitSourcesBinder<T>() : RequestBinder<T>(Sources)
    where T : notnull
{
    const BindingSource Always = BindingSource.JsonBody | BindingSource.FormFields | BindingSource.RouteValues | BindingSource.Headers;

    static readonly BindingSource Sources = typeof(T).GetProperties().Any(p => p.IsDefined(typeof(QueryParamAttribute), true))
        ? Always | BindingSource.QueryParams
        : Always;
}
