global using Shouldly;
global using Stripe;
global using Xunit;
