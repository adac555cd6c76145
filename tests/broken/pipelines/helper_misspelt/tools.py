def by_carrier(flights):
    return flights.groupby("carrier").size()
