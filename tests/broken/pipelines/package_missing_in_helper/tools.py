import a_package_that_nobody_has


def by_carrier(flights):
    return flights.groupby("carrier").size()
