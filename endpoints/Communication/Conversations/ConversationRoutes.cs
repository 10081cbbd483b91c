using Microsoft.AspNetCore.Routing;

namespace EdTech.Communication;

static class ConversationRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        ListConversations.Map(app);
        GetConversation.Map(app);
        ListMyBlocks.Map(app);
        ListReports.Map(app);
    }
}
