// FastEndpoints has an in-process bus with the same words. Ours are meant everywhere.
global using ICommand = EdTech.Contracts.ICommand;
global using IEvent = EdTech.Contracts.IEvent;
