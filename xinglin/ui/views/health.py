from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from xinglin.core.access import public


@require_safe
@public
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
