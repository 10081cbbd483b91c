global using Dapper;
global using EdTech.Contracts;
global using EdTech.Contracts.Users;
global using EdTech.Testing;
global using Shouldly;
global using Xunit;
