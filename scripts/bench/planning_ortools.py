"""OR-Tools on a patrol problem, in a folder of its own: JSON comes in, orders go out. Imports nothing of ours."""

from __future__ import annotations

import json
import sys

from ortools.constraint_solver import pywrapcp, routing_enums_pb2


def solve(asked: dict) -> list[list[int]]:
    """Return each team's stops in order; a stop left out costs its weight, so much that no way is worth it."""
    seconds, service_s, weights = asked["seconds"], asked["service_s"], asked["weights"]
    teams, stops = asked["teams"], len(weights)
    places = teams + stops
    ends = list(range(teams))
    manager = pywrapcp.RoutingIndexManager(places, teams, ends, ends)
    routing = pywrapcp.RoutingModel(manager)
    spent = [[leg + (service_s if row >= teams else 0) for leg in legs] for row, legs in enumerate(seconds)]
    way = routing.RegisterTransitMatrix(seconds)
    routing.SetArcCostEvaluatorOfAllVehicles(way)
    routing.AddDimension(routing.RegisterTransitMatrix(spent), 0, asked["shift_s"], True, "time")
    for stop, weight in enumerate(weights):
        routing.AddDisjunction([manager.NodeToIndex(teams + stop)], asked["prize"] * weight)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(1000 * asked["limit_s"]))
    found = routing.SolveWithParameters(parameters)
    orders: list[list[int]] = []
    for team in range(teams):
        index, order = routing.Start(team), []
        while not routing.IsEnd(index := found.Value(routing.NextVar(index))):
            order.append(manager.IndexToNode(index) - teams)
        orders.append(order)
    return orders


if __name__ == "__main__":
    json.dump(solve(json.load(sys.stdin)), sys.stdout)
