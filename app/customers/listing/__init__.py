"""Lists of customers: filters, orders, pages."""

from app.customers.listing.filters import CustomerFilter
from app.customers.listing.orders import NEWEST_FIRST, CustomerOrder, CustomerOrderField, OrderDirection
from app.customers.listing.pages import count, page

__all__ = ["NEWEST_FIRST", "CustomerFilter", "CustomerOrder", "CustomerOrderField", "OrderDirection", "count", "page"]
