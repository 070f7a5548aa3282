"""REST framework as its tutorial has it: nested ModelSerializers, one INSERT a line, open to anybody."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.db import router, transaction
from django.utils import timezone
from rest_framework import generics, serializers
from rest_framework.parsers import JSONParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer

from bench.peers.models import AuditLog, Counter, Invoice, Line

CENT = Decimal("0.01")
STATED = ("customer", "currency", "issue_date", "due_date", "payment_terms", "lines")


class LineSerializer(serializers.ModelSerializer[Line]):
    class Meta:
        model = Line
        exclude = ("invoice",)
        read_only_fields = ("net_amount",)


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    lines = LineSerializer(many=True)

    class Meta:
        model = Invoice
        fields = "__all__"
        read_only_fields = tuple(
            field.name for field in Invoice._meta.concrete_fields if field.name not in STATED
        )

    def create(self, validated_data: dict[str, Any]) -> Invoice:
        with transaction.atomic(using=router.db_for_write(Invoice)):
            return self._create(validated_data)

    def _create(self, validated_data: dict[str, Any]) -> Invoice:
        lines = validated_data.pop("lines")
        view: Any = self.context["view"]
        counter = Counter.objects.select_for_update().get(id=view.series_id)
        counter.last += 1
        counter.save()
        for line in lines:
            line["net_amount"] = (line["quantity"] * line["unit_price"]).quantize(CENT, ROUND_HALF_UP)
        net = sum((line["net_amount"] for line in lines), Decimal(0))
        tax = (net * Decimal("0.19")).quantize(CENT, ROUND_HALF_UP)
        now = timezone.now()
        invoice: Invoice = Invoice.objects.create(
            **validated_data,
            tenant_id=view.tenant_id,
            legal_entity_id=view.tenant_id,
            series_id=view.series_id,
            type="invoice",
            state="issued",
            payment_state="unpaid",
            period="2026",
            sequence=counter.last,
            number=f"INV-2026-{counter.last:05}",
            issued_at=now,
            created_at=now,
            updated_at=now,
            tax_rounding="category",
            sum_of_lines=net,
            allowance_total=0,
            charge_total=0,
            tax_exclusive=net,
            tax_total=tax,
            tax_inclusive=net + tax,
            prepaid_amount=0,
            rounding_amount=0,
            payable=net + tax,
            tax_breakdown=[{"category": "S", "rate": "19", "taxable": str(net), "tax": str(tax)}],
            seller=view.seller,
            buyer=view.buyer,
        )
        for line in lines:
            Line.objects.create(invoice=invoice, **line)
        return invoice


class Open(generics.GenericAPIView[Invoice]):
    """Nobody is asked for a token: the peers pay for no authentication."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)
    parser_classes = (JSONParser,)


class CreateInvoice(Open, generics.CreateAPIView[Invoice]):
    """`POST`: an issued invoice with its lines, and one row for the trail as the limit writes it."""

    serializer_class = InvoiceSerializer
    queryset = Invoice.objects.all()
    tenant_id: UUID | None = None
    series_id: UUID | None = None
    seller: dict[str, Any] | None = None
    buyer: dict[str, Any] | None = None

    def perform_create(self, serializer: serializers.BaseSerializer[Invoice]) -> None:
        invoice = serializer.save()
        AuditLog.objects.create(
            tenant_id=self.tenant_id,
            actor="usr_bench",
            operation="insert",
            entity_type="invoice",
            record_id=str(invoice.id),
            new_values={"number": invoice.number, "payable": str(invoice.payable)},
        )


class SummarySerializer(serializers.Serializer[Invoice]):
    """A flat row with its customer, field by field."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    number = serializers.CharField()
    state = serializers.CharField()
    payment_state = serializers.CharField()
    legal_entity_id = serializers.UUIDField()
    series_id = serializers.UUIDField()
    currency = serializers.CharField()
    issue_date = serializers.DateField()
    due_date = serializers.DateField()
    tax_exclusive = serializers.DecimalField(19, 4)
    tax_total = serializers.DecimalField(19, 4)
    tax_inclusive = serializers.DecimalField(19, 4)
    payable = serializers.DecimalField(19, 4)
    issued_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    customer_id = serializers.UUIDField()
    name = serializers.CharField(source="customer.name")
    reference = serializers.CharField(source="customer.reference")
    vat_id = serializers.CharField(source="customer.vat_id")
    country = serializers.CharField(source="customer.country")


class ListInvoices(Open, generics.ListAPIView[Invoice]):
    """`GET`: the first page of 50 of a filtered list, with the customer joined."""

    serializer_class = SummarySerializer
    tenant_id: UUID | None = None

    def get_queryset(self) -> Any:
        wanted = self.request.query_params
        found = Invoice.objects.filter(
            tenant_id=self.tenant_id,
            state=wanted["status"],
            issue_date__gte=wanted["issued_from"],
            issue_date__lte=wanted["issued_to"],
        )
        return found.select_related("customer").order_by("-issue_date", "-id")[:50]
